"""The original design's publisher: FastAPI, pydantic, pyzmq on asyncio. python3 original.publisher.py ZMQ_PORT HTTP_PORT LOOP HTTP"""
import sys, time
from typing import Literal

import uvicorn, zmq, zmq.asyncio
from fastapi import FastAPI, Form
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, Field

zmq_port, http_port, loop, http = sys.argv[1:]
Side = Literal["buy", "sell"]


class TradeInput(BaseModel):
    qty: float = Field(1.0, ge=0)


class TradeEvent(BaseModel):
    type: Literal["trade"] = "trade"
    side: Side
    qty: float = Field(ge=0)
    ts: float


app = FastAPI()


async def publish(side, qty):
    event = TradeEvent(side=side, qty=qty, ts=time.time()).dict()
    await app.state.socket.send_json(event)
    return event


@app.post("/trade/{side}", status_code=202)
async def trade(side: Side, body: TradeInput):
    return await publish(side, body.qty)


@app.post("/form/trade/{side}")
async def trade_of_form(side: Side, qty: float = Form(1.0, ge=0)):
    await publish(side, qty)
    return RedirectResponse("/", status_code=303)


@app.get("/health")
async def health():
    return {"status": "ok"}


@app.on_event("startup")
async def start():
    app.state.socket = zmq.asyncio.Context.instance().socket(zmq.PUSH)
    app.state.socket.connect(f"tcp://127.0.0.1:{zmq_port}")


@app.on_event("shutdown")
async def stop():
    app.state.socket.close(linger=0)


uvicorn.run(app, host="127.0.0.1", port=int(http_port), loop=loop, http=http, log_level="warning", access_log=False)
