"""Plays the demo's conversations through the product's acts and the stand-in, at their time.

Played again, it finds each question by its form's token and goes on where it stood.
"""

from collections.abc import Mapping
from datetime import timedelta
from uuid import NAMESPACE_URL, UUID, uuid5

from rivya_app.chat import actions, jobs, settling
from rivya_app.chat.actions import Question, WantedConversation
from rivya_app.chat.models import Conversation, Status, Turn
from rivya_app.core import clock
from rivya_app.demo import photos
from rivya_app.demo.stand_in import StandIn
from rivya_app.demo.talks import TALKS, Said, Talk
from rivya_app.gateway.access import workflow
from rivya_app.gateway.models import Workflow
from rivya_app.library.models import RemoteCopy, StoredFile
from rivya_app.library.tasks import send_reference
from rivya_app.workspaces.models import Membership

BETWEEN = timedelta(minutes=3)  # questions of one conversation
LOOKS = 12  # at a session, before the story is taken for broken


def token_of(talk: Talk, number: int) -> UUID:
    return uuid5(NAMESPACE_URL, f"demo:talk:{talk.title}:{number}")


def answer_named(title: str) -> Turn | None:
    """The first turn of a conversation of the story, if it was played."""
    talk = next(one for one in TALKS if one.title == title)
    return Turn.objects.filter(form_token=token_of(talk, 1)).first()


def play(talk: Talk, people: Mapping[str, Membership], stand_in: StandIn) -> None:
    """Ask, answer and settle every question of it, then name and share it."""
    member, moment = people[talk.by], clock.now() - timedelta(days=talk.days_ago)
    conversation: Conversation | None = None
    for number, said in enumerate(talk.questions, start=1):
        with clock.at(moment):
            turn = _ask(member, talk, number, conversation)
        _answer(turn, said, stand_in)
        conversation, moment = turn.conversation, moment + BETWEEN
    if conversation is not None:
        _finish(member, talk, conversation)


def _ask(member: Membership, talk: Talk, number: int, conversation: Conversation | None) -> Turn:
    said = talk.questions[number - 1]
    question = Question(
        said.text,
        form_token=token_of(talk, number),
        files=_files(member, said),
        effort=said.effort,
        is_searching=said.is_searching,
    )
    if conversation is not None:
        return actions.ask(member=member, conversation_id=conversation.public_id, question=question)
    flow = workflow(member.workspace, Workflow.Moment.CHAT)
    wanted = WantedConversation(flow, talk.model_id)
    return actions.begin(member=member, wanted=wanted, question=question)


def _files(member: Membership, said: Said) -> list[StoredFile]:
    if not said.photo:
        return []
    name = f"{said.photo.replace(' ', '-').lower()}-for-a-question.jpg"
    return [photos.upload(member, said.photo, name)]


def _answer(turn: Turn, said: Said, stand_in: StandIn) -> None:
    """The workers' part. What waits for an owner stays as it is."""
    with clock.at(turn.created_at + timedelta(seconds=2)):
        _send_pictures(turn)
        if turn.status == Status.PENDING and said.fault:
            stand_in.arm(said.fault, times=1)
        jobs.answer(turn.public_id)
        stand_in.disarm()
    _settle(turn)


def _send_pictures(turn: Turn) -> None:
    if turn.attachment_count:
        waiting = RemoteCopy.objects.filter(
            workspace=turn.workspace_id, state=RemoteCopy.State.WANTED
        )
        for copy_id in waiting.values_list("pk", flat=True):
            send_reference(copy_id=copy_id)


def _settle(turn: Turn) -> None:
    """Look at its session whenever that is due, until its cost is known."""
    for _look in range(LOOKS):
        turn.refresh_from_db()
        if turn.is_open or turn.is_settled or turn.next_check_at is None:
            return
        with clock.at(turn.next_check_at):
            settling.settle(turn.public_id)


def _finish(member: Membership, talk: Talk, conversation: Conversation) -> None:
    named = conversation.public_id
    actions.rename(member=member, conversation_id=named, title=talk.title)
    if talk.is_shared:
        actions.share(member=member, conversation_id=named, is_shared=True)
