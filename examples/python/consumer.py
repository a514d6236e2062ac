"""Count what the publisher sends, in place of the sidecar: python3 consumer.py [address]"""
import signal, sys, zmq

signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C ends it without a trace
socket = zmq.Context.instance().socket(zmq.PULL)
socket.bind(sys.argv[1] if len(sys.argv) > 1 else "tcp://127.0.0.1:5555")
trades = {"buy": 0, "sell": 0}
while True:
    message = socket.recv_json()  # an event, or an array of those that waited together
    for event in message if isinstance(message, list) else [message]:
        trades[event["side"]] += 1
        print(event["side"], event["qty"], trades, flush=True)
