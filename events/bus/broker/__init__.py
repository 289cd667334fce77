"""What RabbitMQ and the embedded broker share: the bus over kombu."""
