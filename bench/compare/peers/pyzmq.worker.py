"""One end of the original design, pyzmq on asyncio, driven like worker-main.ts: python3 pyzmq.worker.py producer|consumer PORT"""
import asyncio, json, sys, time
import zmq, zmq.asyncio

CHUNK_EVENTS = 1024
role, port = sys.argv[1], sys.argv[2]
count, target, first, last = 0, float("inf"), 0.0, 0.0


async def consume(socket):
    global count, first, last
    while True:
        await socket.recv_json()
        if count == 0:
            first = time.monotonic()
        count += 1
        if count >= target and last == 0:
            last = time.monotonic()


async def send(socket, total, until):
    sent = 0
    while sent < total and time.monotonic() < until:
        for _ in range(min(CHUNK_EVENTS, total - sent)):
            side = "buy" if sent % 2 == 0 else "sell"
            await socket.send_json({"type": "trade", "side": side, "qty": sent % 1000 + 0.25, "ts": time.monotonic() * 1000})
            sent += 1
    return {"sent": sent}


async def arrived(wanted, patience):
    seen, seen_at = count, time.monotonic()
    while count < wanted and time.monotonic() - seen_at < patience:
        await asyncio.sleep(0.005)
        if count != seen:
            seen, seen_at = count, time.monotonic()
    return {"count": count, "seconds": (last or seen_at) - first}


def expect(wanted):
    global count, target, last
    count, target, last = 0, wanted or float("inf"), 0.0
    return {}


async def run(command, socket):
    match command["do"]:
        case "send":
            return await send(socket, command["count"], float("inf"))
        case "warmUp":
            return await send(socket, 10**12, time.monotonic() + command["seconds"])
        case "arrived":
            return await arrived(command["target"], command["patienceMs"] / 1000)
        case "expect":
            return expect(command["target"])
        case "count":
            return {"count": count}
        case "usage":
            return {"cpuSeconds": time.process_time()}
    return {"error": "unknown command " + command["do"]}


async def main():
    socket = zmq.asyncio.Context.instance().socket(zmq.PULL if role == "consumer" else zmq.PUSH)
    address = f"tcp://127.0.0.1:{port}"
    if role == "consumer":
        socket.bind(address)
        consuming = asyncio.create_task(consume(socket))
    else:
        socket.connect(address)
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    print("{}", flush=True)
    while line := await reader.readline():
        print(json.dumps(await run(json.loads(line), socket)), flush=True)
    if role == "consumer":
        consuming.cancel()
    socket.close(linger=0)


asyncio.run(main())
