# Plays servers with the health protocol of gRPC, on the gRPC library of the
# distribution: frames, settings, trailers and TLS are that library's, and only
# what is well is said here.  Started by grpc_test.c.
# Usage: health_server.py FOLDER PLAIN SECURE MUTUAL AGED BARE, the folder with
#        the certificates and a port for each server.
# SIGUSR1: what served does so no more.  SIGTERM: an end in good order.
import signal
import sys
import time
from concurrent import futures

import grpc

# grpc.health.v1.HealthCheckResponse.ServingStatus
UNKNOWN, SERVING, NOT_SERVING, SERVICE_UNKNOWN = range(4)

states = {
    "": SERVING,
    "llama": SERVING,
    "slow": SERVING,
    "envoy.service.ext_proc.v3.ExternalProcessor": SERVING,
    "odd": UNKNOWN,
    "loading": NOT_SERVING,
    "gone": SERVICE_UNKNOWN,
}
errors = {
    "full": (grpc.StatusCode.RESOURCE_EXHAUSTED, "the queue is full"),
    "dead": (grpc.StatusCode.UNAVAILABLE, "the \x1b[31mengine\n is dead"),
}


def check(request, context):
    # string service = 1, of less than 128 octets; left out when it is empty
    service = request[2:].decode()
    time.sleep({"hung": 30, "slow": 0.06}.get(service, 0))
    if service == "secret" and ("authorization", "Bearer sesame") not in (
        context.invocation_metadata()
    ):
        context.abort(grpc.StatusCode.UNAUTHENTICATED, "who are you?")
    if service in errors:
        context.abort(*errors[service])
    if service not in states and service != "secret":
        context.abort(grpc.StatusCode.NOT_FOUND, "unknown service")
    state = states.get(service, SERVING)
    # ServingStatus status = 1, left out when it is 0
    return bytes([8, state]) if state != UNKNOWN else b""


def start(port, credentials=None, options=(), healthy=True):
    server = grpc.server(
        futures.ThreadPoolExecutor(64),
        options=[("grpc.so_reuseport", 0), *options],
    )
    handler = grpc.unary_unary_rpc_method_handler(check)
    if healthy:
        server.add_generic_rpc_handlers(
            [
                grpc.method_handlers_generic_handler(
                    "grpc.health.v1.Health", {"Check": handler}
                )
            ]
        )
    at = "127.0.0.1:" + port
    if credentials is None:
        server.add_insecure_port(at)
    else:
        server.add_secure_port(at, credentials)
    server.start()
    return server


def read(name):
    with open(folder + "/" + name, "rb") as f:
        return f.read()


def drain(number, frame):
    for service, state in states.items():
        if state == SERVING:
            states[service] = NOT_SERVING


folder, plain, secure, mutual, aged, bare = sys.argv[1:]
pair = [(read("server.key"), read("server.pem"))]
tls = grpc.ssl_server_credentials(pair)
both = grpc.ssl_server_credentials(pair, read("ca.pem"), True)
# A connection is told to end while it is used, and is when it is not any more.
ages = [
    ("grpc.max_connection_age_ms", 1000),
    ("grpc.max_connection_age_grace_ms", 5000),
]
servers = [
    start(plain),
    start(secure, tls),
    start(mutual, both),
    start(aged, tls, ages),
    start(bare, None, (), False),
]
signal.signal(signal.SIGUSR1, drain)
signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(0))
print("ready", flush=True)
try:
    while True:
        signal.pause()
finally:
    for stopped in [server.stop(0.2) for server in servers]:
        stopped.wait()
