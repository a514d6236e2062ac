"""The original design's sidecar: FastAPI, pyzmq on asyncio, pydantic, prometheus_client. python3 original.sidecar.py ZMQ_PORT HTTP_PORT LOOP HTTP"""
import asyncio, sys, time
from typing import Literal

import uvicorn, zmq, zmq.asyncio
from fastapi import FastAPI
from prometheus_client import Counter, Gauge, Histogram, make_asgi_app
from pydantic import BaseModel, Field, ValidationError

BUCKETS = (0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
TRADES = Counter("trades", "Trades, by side.", ["side"])
VOLUME = Counter("volume", "Sum of the quantities, by side.", ["side"])
LAST_TRADE = Gauge("last_trade_ts_seconds", "The ts of the last trade.")
LATENCY = Histogram("trading_receive_latency_seconds", "Seconds from ts to the receipt.", buckets=BUCKETS)
REJECTED = Counter("trading_events_rejected", "Events that are no trades.")

zmq_port, http_port, loop, http = sys.argv[1:]


class TradeEvent(BaseModel):
    type: Literal["trade"]
    side: Literal["buy", "sell"]
    qty: float = Field(ge=0)
    ts: float = Field(ge=0)


def record(item):
    try:
        event = TradeEvent.parse_obj(item)
    except ValidationError:
        REJECTED.inc()
        return
    TRADES.labels(event.side).inc()
    VOLUME.labels(event.side).inc(event.qty)
    LAST_TRADE.set(event.ts)
    LATENCY.observe(max(0.0, time.time() - event.ts))


async def receive(socket):
    while True:
        message = await socket.recv_json()
        for item in message if isinstance(message, list) else [message]:
            record(item)


app = FastAPI()
app.mount("/metrics", make_asgi_app())


@app.on_event("startup")
async def start():
    socket = zmq.asyncio.Context.instance().socket(zmq.PULL)
    socket.bind(f"tcp://127.0.0.1:{zmq_port}")
    app.state.socket = socket
    app.state.receiving = asyncio.create_task(receive(socket))


@app.on_event("shutdown")
async def stop():
    app.state.receiving.cancel()
    app.state.socket.close(linger=0)


uvicorn.run(app, host="127.0.0.1", port=int(http_port), loop=loop, http=http, log_level="warning")
