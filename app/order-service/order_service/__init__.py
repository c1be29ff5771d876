SERVICE = "order-service"
VERSION = "1.0.0"
