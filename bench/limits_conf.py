"""The bare limit is served as the shop is."""

worker_class = "gthread"
workers = 2
threads = 8
keepalive = 0
control_socket_disable = True
