"""The switches that exist to measure streams with."""

import json
import time

import httpx

from tests.simulator.conftest import Api
from tests.simulator.test_chat import events, stream


def test_it_writes_the_time_where_asked(api: Api) -> None:
    api.stand_in.set(stream_clock=5)
    began = time.time()
    told = [data["delta"] for name, data in events(stream(api)) if name == "delta"]
    assert len(told) == 5
    assert all(began - 1 <= float(word) <= time.time() for word in told)
    [session] = api.http.get("/chat/sessions").json()["data"]
    full = api.http.get(f"/chat/sessions/{session['id']}").json()
    assert full["messages"][-1]["content"] == "".join(told)


def test_it_speaks_as_openai_does_only_where_asked(api: Api) -> None:
    address = f"{api.stand_in.base_url}/v1/chat/completions"
    question = {"model": "m", "messages": [{"role": "user", "content": "Hello"}], "stream": True}
    assert httpx.post(address, json=question).status_code == 404
    api.stand_in.set(openai_door=True)
    lines = httpx.post(address, json=question).text.split("\n\n")
    chunks = [json.loads(line.removeprefix("data: ")) for line in lines if "{" in line]
    assert chunks[1]["choices"][0]["delta"]["content"]
    assert "data: [DONE]" in lines
