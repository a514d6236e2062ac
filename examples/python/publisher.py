"""Send ten trades to the sidecar: python3 publisher.py [address]"""
import sys, time, zmq

address = sys.argv[1] if len(sys.argv) > 1 else "tcp://127.0.0.1:5555"
socket = zmq.Context.instance().socket(zmq.PUSH)
socket.connect(address)
for number in range(10):
    side = "buy" if number % 2 == 0 else "sell"
    socket.send_json({"type": "trade", "side": side, "qty": 1.5, "ts": time.time()})
socket.close(linger=5000)  # what is still on its way gets five seconds …
zmq.Context.instance().term()  # … if the program waits for it
