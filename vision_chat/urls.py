from django.urls import path

from vision_chat.views import account, accounts, answers, chat, conversations, images, search, texts

urlpatterns = [
    path("", chat.new_chat, name="new_chat"),
    path("c/<uuid:conversation_id>/", chat.conversation, name="conversation"),
    path("c/<uuid:conversation_id>/rename/", conversations.rename, name="rename_conversation"),
    path("c/<uuid:conversation_id>/delete/", conversations.delete, name="delete_conversation"),
    path("c/<uuid:conversation_id>/restore/", conversations.restore, name="restore_conversation"),
    path("c/<uuid:conversation_id>/text/", texts.conversation_text, name="conversation_text"),
    path("search/", search.results, name="search"),
    path("conversations/", chat.conversation_list, name="conversation_list"),
    path("dialogs/", chat.dialogs, name="dialogs"),
    path("messages/<int:message_id>/text/", texts.message_text, name="message_text"),
    path("messages/<int:message_id>/request/", answers.request_page, name="sent_request"),
    path("messages/<int:message_id>/withdraw/", conversations.withdraw, name="withdraw_message"),
    path("messages/<int:message_id>/show/", conversations.show, name="show_message"),
    path("images/", images.upload, name="upload_image"),
    path("images/<uuid:image_id>/remove/", images.remove, name="remove_image"),
    path("images/<uuid:image_id>/model/", images.image_copy, name="image_copy"),
    path("images/<uuid:image_id>/model/<str:recipe>/", images.sent_copy, name="sent_copy"),
    path("images/<uuid:image_id>/<str:variant>/", images.image, name="image"),
    path("account/", account.account, name="account"),
    path("account/export/", account.export, name="export_account"),
    path("account/delete/", account.delete_account, name="delete_account"),
    path("accounts/login/", accounts.SignIn.as_view(), name="login"),
    path("accounts/logout/", accounts.SignOut.as_view(), name="logout"),
    path("setup/<str:token>/", accounts.set_up, name="set_up"),
]
