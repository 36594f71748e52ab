"""What shoppers want to buy: lines in the database, priced anew each time they are shown."""
