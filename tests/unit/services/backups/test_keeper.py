import pytest

from tests.support.server import until
from vision_chat.errors.backups import BackupError
from vision_chat.models import FileHold
from vision_chat.services.backups.keeper import Keeper, holding_files
from vision_chat.services.uploads import holds

pytestmark = [pytest.mark.each_database, pytest.mark.usefixtures("transactional_db")]


def test_files_are_held_while_a_backup_runs() -> None:
    with holding_files() as keeper:
        assert holds.is_held()
        keeper.check()
    assert not FileHold.objects.exists()


def test_a_backup_that_fails_lets_go_of_them() -> None:
    with pytest.raises(KeyboardInterrupt), holding_files():
        raise KeyboardInterrupt
    assert not FileHold.objects.exists()


def test_a_backup_whose_hold_has_ended_is_none() -> None:
    with pytest.raises(BackupError, match="Begin the backup again"), holding_files():
        FileHold.objects.all().delete()


def is_lost(keeper: Keeper) -> bool:
    try:
        keeper.check()
    except BackupError:
        return True
    return False


def test_the_hold_is_moved_on_and_its_loss_is_noticed() -> None:
    held = holds.hold()
    before = FileHold.objects.get().until
    keeper = Keeper(held, seconds=0.01)
    try:
        until(lambda: FileHold.objects.get().until > before)
        assert not is_lost(keeper)
        FileHold.objects.all().delete()
        until(lambda: is_lost(keeper))
    finally:
        keeper.end()
