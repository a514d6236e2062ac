"""Send a hundred orders to the sidecar: python3 orders.py [address]"""
import sys, zmq

address = sys.argv[1] if len(sys.argv) > 1 else "tcp://127.0.0.1:5555"
socket = zmq.Context.instance().socket(zmq.PUSH)
socket.connect(address)
for number in range(100):
    order = {"type": "order", "venue": "XETR" if number % 2 else "XPAR", "ms": 1 + number % 9}
    filled = {"state": "filled", "fill": 0.75}
    socket.send_json({**order, **(filled if number % 10 else {"state": "rejected"})})
socket.close(linger=5000)
zmq.Context.instance().term()
