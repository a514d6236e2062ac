"""Send ten trades over CURVE: python3 secure_publisher.py KEYS NAME [address]"""
import sys, time, zmq, zmq.auth

keys, name = sys.argv[1:3]
socket = zmq.Context.instance().socket(zmq.PUSH)
socket.curve_publickey, socket.curve_secretkey = zmq.auth.load_certificate(f"{keys}/clients/{name}.key")
socket.curve_serverkey, _ = zmq.auth.load_certificate(f"{keys}/server.pub")
socket.connect(sys.argv[3] if len(sys.argv) > 3 else "tcp://127.0.0.1:5555")
for number in range(10):
    side = "buy" if number % 2 == 0 else "sell"
    socket.send_json({"type": "trade", "side": side, "qty": 1.5, "ts": time.time()})
socket.close(linger=5000)  # what is still on its way gets five seconds …
zmq.Context.instance().term()  # … if the program waits for it
