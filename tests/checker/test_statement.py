"""What sites say of a removal, and what persons say with the same words."""

import pytest

from checker.look import TOMBSTONES
from checker.page import fold
from checker.phrases import general
from checker.statement import is_excuse, is_statement


def is_said(text: str) -> bool:
    """Whether any of the words for a removal is a statement in this text."""
    folded = fold(text)
    phrases = [phrase for meaning in TOMBSTONES for phrase in general()[meaning].phrases]
    found = [match for phrase in phrases if (match := phrase.pattern.search(folded))]
    assert found, "nothing to be judged"
    return any(is_statement(folded, match.start(), match.end()) for match in found)


@pytest.mark.parametrize(
    "text",
    [
        "This post has been removed",
        "Sorry, this post was removed by the moderators of r/sea.",
        "Oops! This video has been removed for violating our Community Guidelines. Learn more",
        "This video is no longer available because the uploader has closed their account.",
        "This track was removed at the request of a label. It is no longer available.",
        "Dieser Beitrag wurde entfernt, weil er gegen unsere Richtlinien verstößt.",
        "Désolé, cette annonce a été supprimée par son auteur.",
        "Esta publicación ha sido eliminada por infringir nuestras normas.",
        "Bu gönderi topluluk kurallarını ihlal ettiği için kaldırıldı.",  # noqa: RUF001
        "Эта запись удалена автором.",
        "この投稿は削除されました。",
    ],
)
def test_a_site_says_it_in_a_sentence_of_its_own(text: str) -> None:
    assert is_said(text)


@pytest.mark.parametrize(
    "text",
    [
        "Account suspended? We unlock it in 24 hours",
        "Deleted account recovery service",
        "This channel has been banned in 3 countries. Here is why.",
        "Post removed by moderators: the story of our forum",
        "Boats. Account banned.",
        "They say: this post has been removed",
        "I told you that this account has been suspended",
        "This page was deleted. Now it is back.",
        "This account was banned for telling the truth!",
        "This channel was terminated by haters",
        "This content was removed by the government of Ruritania, share it",
        "How to recover a deleted account",
        "La cuenta fue cancelada por error pero volvimos",
        "Канал заблокирован за правду, подписывайтесь",
        "This post has been removed 5 times",
        "The author has deleted this post and wrote a better one:",
        "Compte supprimé, nouveau profil",
        "Konto gelöscht, jetzt hier",
        "Cuenta suspendida, ahora estamos aquí",
        "Аккаунт заблокирован, теперь мы здесь",
        "アカウントが凍結されたのでこちらで",
        "该账号被封禁，新号在这里",  # noqa: RUF001
    ],
)
def test_a_person_goes_on(text: str) -> None:
    assert not is_said(text)


def test_what_says_nothing() -> None:
    assert [is_excuse(part) for part in ("oops", "we're sorry", " ", "visa", "oops, boats")] == [
        True, True, True, False, False,
    ]  # fmt: skip
