"""What answers is never asked for media, and what makes media never for an answer: by type, at the
door of a job, and for a form that was forged."""

import ast
import typing
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import transaction

from rivya_app.briefs.models import Brief
from rivya_app.chat import bodies
from rivya_app.chat.actions import ModelRefused
from rivya_app.chat.models import Conversation
from rivya_app.gateway import catalogue
from rivya_app.gateway.access import workflow_for
from rivya_app.gateway.chat_models import ChatModel, NotAChatModel, as_chat_model
from rivya_app.gateway.media_models import MediaModel, NotAMediaModel, as_media_model
from rivya_app.generations import actions
from rivya_app.generations.models import Generation
from tests.chat.talk import MODEL as CHAT_MODEL
from tests.shop import typed

ROOT = Path(__file__).parents[2] / "rivya_app"
AT_MEDIA, AT_CHAT = "/api/v1/generations", "/api/v1/chat/completions"


def asked(shop, path):
    return [call for call in shop.rivya.requests() if call["path"].startswith(path)]


def test_each_is_made_of_its_own_kind_alone(shop):
    media, chat = catalogue.find("z-image"), catalogue.find(CHAT_MODEL)
    assert as_media_model(media).model_id == "z-image"
    assert as_chat_model(chat).model_id == CHAT_MODEL
    with pytest.raises(NotAMediaModel):
        as_media_model(chat)
    with pytest.raises(NotAChatModel):
        as_chat_model(media)


def test_the_doors_take_one_type_each():
    assert typing.get_type_hints(actions.request)["model"] is MediaModel
    assert typing.get_type_hints(bodies.freeze)["model"] is ChatModel
    assert not issubclass(ChatModel, MediaModel)
    assert not issubclass(MediaModel, ChatModel)


def test_nobody_makes_one_but_the_function_that_looks():
    makers = {"MediaModel": "media_models.py", "ChatModel": "chat_models.py"}
    for path in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert makers.get(node.func.id, path.name) == path.name, (path, node.lineno)


def test_a_job_is_refused_whose_body_names_another_model(shop, seller):
    flow = workflow_for(shop.workspace, "image")
    with pytest.raises(actions.OtherModel), transaction.atomic():
        actions.request(
            member=seller,
            workflow=flow,
            title="Mug",
            media_kind="image",
            model=as_media_model(catalogue.find("z-image")),
            body={"model": CHAT_MODEL, "prompt": "A mug"},
            price=Decimal(1),
        )
    assert not Generation.objects.exists()


def test_a_forged_brief_asks_no_chat_model_for_a_picture(shop, seller, client_of):
    before = len(asked(shop, AT_MEDIA))
    for kind in ("image", "video", "audio", "chat"):
        form = typed(model_id=CHAT_MODEL, media_kind=kind)
        assert client_of(seller).post("/briefs/new/", form).status_code == 422
    assert not Brief.objects.exists()
    assert len(asked(shop, AT_MEDIA)) == before


def test_a_forged_attempt_asks_no_chat_model_for_a_picture(shop, seller, client_of):
    brief = shop.submit(seller)
    shop.finish(brief)
    before = len(asked(shop, AT_MEDIA))
    url = f"/briefs/{brief.public_id}/drafts/1/attempts/"
    form = {"attempt": "2", "model_id": CHAT_MODEL, "prompt": "A mug", "like": "1"}
    assert client_of(seller).post(url, form).status_code == 422
    assert Generation.objects.count() == 1
    assert len(asked(shop, AT_MEDIA)) == before


def test_a_forged_conversation_asks_no_picture_model_for_an_answer(talk, researcher):
    before = len(asked(talk.shop, AT_CHAT))
    with pytest.raises(ModelRefused):
        talk.begin(researcher, model_id="z-image")
    assert not Conversation.objects.exists()
    assert len(asked(talk.shop, AT_CHAT)) == before
