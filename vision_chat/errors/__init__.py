"""The errors that this application raises on purpose, as one tree of classes.

ChatError
├── ConfigurationError      a setting is missing or invalid; the server does not start
├── ProtocolError           a frame from the browser that this server does not understand
├── TurnError               a turn, or a change to a conversation, that cannot be made
│   ├── SignedOutError              the session has ended, or the account is not active
│   ├── NotFoundError               no such conversation or message for this person
│   ├── TurnEmptyError              neither text nor image
│   ├── TurnTooLongError            more text than one message may hold
│   ├── TooManyImagesError          more images than one message may hold
│   ├── ImageChoicesError           what was chosen about images does not fit them
│   ├── QuestionLeftOutError        only images, and the person left all of them out
│   ├── ImageGoneError              an image was removed, or swept after a day
│   ├── ReplyRunningError           a reply has not ended yet
│   ├── MessageWaitsError           another message waits for the reply already
│   ├── ModelReplacedError          the site has another model since the message began to wait
│   ├── ModelNotUsableError         the model is not among those that the person may use
│   │   └── ModelKeyError           the key of the model's endpoint cannot be had
│   ├── NothingToContinueError      the reply has no text that could be continued
│   ├── PromptTooLongError          the question alone does not fit the model's context
│   ├── TooManyRepliesError         as many replies of this person run as may
│   ├── NoPlaceError                as many replies run as may, and wait for this endpoint
│   ├── RestoredError               a message waited when the site's backup was made
│   ├── TooManyCopiesError          the person began as many conversations in a minute as may be copied
│   ├── TooManySocketsError         the person has as many sockets as may be open
│   ├── TooManyFramesError          a socket sends faster than a page ever does
│   ├── NotSavedError               the database could not save it
│   └── ShuttingDownError           the server is shutting down
├── SettingError            a setting of a conversation that cannot be so
│   ├── InstructionsTooLongError    more text than instructions may have
│   ├── ParametersTooLongError      all parameters together are longer than they may be
│   ├── PresetGoneError             no such preset, or not this person's
│   ├── PresetNameError             a name that is empty or too long
│   ├── PresetNameTakenError        the person has a preset of that name
│   ├── TooManyPresetsError         the person has as many presets as may be
│   ├── SchemaError                 a JSON Schema that is none, or refers to elsewhere
│   └── UnstorableTextError         a character that the database cannot store
├── ImageError              an image that is not accepted
│   ├── ImageEmptyError             an empty file
│   ├── ImageTooManyBytesError      the file is too large
│   ├── ImageTooManyPixelsError     decoded, it would need too much memory
│   ├── ImageTooLongError           one side is longer than the stored format allows
│   ├── ImageTypeNotSupportedError  not an image, or of a format that is not decoded here
│   ├── ImageRawError               a camera's raw file without a large preview
│   ├── ImageNotReadableError       damaged, truncated, or of an unusual variant
│   ├── ImageEditError              a part of an edit lies outside of the image
│   ├── TooManyImageEditsError      more redacted areas or marks than one edit may have
│   ├── ImageTextError              letters of a mark for which the server has no font
│   ├── ImageNotStoredError         the disk could not store it
│   ├── TooManyUnsentImagesError    the person has as many unsent images as may lie there
│   ├── TooManyUnsentBytesError     the same, by their bytes
│   ├── TooManyUploadsError         the person uploads faster than people do
│   └── TooManyLooksError           the person asks for copies faster than people do
├── DocumentError           a document of which no page can be taken
│   ├── DocumentTooManyBytesError   the file is too large
│   ├── DocumentTooManyPagesError   more pages than can be chosen from
│   ├── DocumentNotReadableError    damaged, truncated, or no PDF
│   ├── DocumentProtectedError      encrypted in a way that takes more than a password
│   ├── DocumentTooComplexError     reading it takes too much time or memory
│   ├── WrongPasswordError          encrypted, and this is not the password
│   ├── TooManyPasswordsError       the person tries passwords faster than people do
│   ├── PageTooComplexError         drawing a page takes too much time or memory, or fails
│   └── DocumentGoneError           given up, or older than documents are kept
├── FetchError              an address of the web from which nothing is taken
│   ├── AddressInvalidError         no address, or of another scheme
│   ├── AddressNotPublicError       it leads to what is not on the public web
│   ├── AddressUnreachableError     no such host, or no connection
│   ├── AddressRefusedError         the site answered with an error
│   ├── AddressRedirectsError       more redirects than are followed
│   ├── AddressTooSlowError         it took too long
│   ├── AddressTooManyBytesError    more bytes than an upload may have
│   ├── AddressOfPageError          a web page
│   └── TooManyFetchesError         as many are fetched for the person as may be
├── AccountError            a change of one's own account that cannot be made
│   ├── LastAdministratorError      the last active superuser cannot be deleted
│   └── ExportRunningError          the person's earlier export has not ended
├── FeedbackError           feedback of a person that is not saved
│   └── TooMuchFeedbackError        more in a minute than people give
├── ReviewError             something of a reviewer that cannot be done
│   ├── LeaseLostError              the item is in other hands, or done
│   ├── ItemClosedError             the item was closed meanwhile
│   ├── ItemNotYoursError           the item was not handed out to this reviewer
│   ├── ItemFullError               enough people review the item already
│   ├── AnswersError                a verdict or answers that the rubric does not take
│   ├── VerdictChangedError         the verdict is not the current one of this reviewer
│   ├── KnownVerdictToldError       the reviewer knows the known verdict of the gold item by now
│   ├── NotGoldError                the item cannot be used as a gold item
│   ├── NothingToResolveError       the reviewers of the item do not disagree
│   ├── ReasonNeededError           somebody else's conversation, without a reason
│   └── AuditUnavailableError       the audit log cannot be written
├── BackupError             a backup that cannot be made, read or restored
│   ├── NoPassphraseError           it is encrypted, and no passphrase was given
│   ├── WrongPassphraseError        the passphrase is not that of the backup
│   └── DamagedBackupError          it is no backup, was changed, or is cut off
├── BodyTooLongError        a request, other than an upload, that is longer than any may be
├── ServerError             a request that the server cannot take at the moment
│   ├── BusyError                   more requests wait than may wait
│   ├── DatabaseUnavailableError    the database is locked, or away
│   ├── DiskFullError               a disk of the server has no room left
│   └── FilesUnavailableError       the storage of pictures is away
├── ParameterError          a parameter of a completion is unknown or out of its range
└── CompletionError         the endpoint did not give a whole answer
    ├── UnreachableError            no connection: refused, no route
    │   ├── UnknownHostError        the host name does not resolve
    │   └── UntrustedError          the TLS certificate is not valid
    ├── KeyRefusedError             401
    ├── CreditsError                402, or words about credit under another status
    ├── QuotaError                  429: what is allowed in a day or a month is used up
    ├── NotAllowedError             403: the key or the account may not do this
    ├── RegionError                 403, 451: the country or region is not served
    ├── FirewallError               403 with a web page: the request did not reach the endpoint
    ├── ModeratedError              the provider's filter refused the question
    ├── ModelNotFoundError          404: unknown or retired
    ├── RequestTooLargeError        413
    ├── ContextTooLongError         more tokens than the model takes
    ├── NoImagesError               the model takes no images
    ├── RequestRefusedError         every other 4xx
    │   └── ImageRefusedError       an image that the endpoint cannot read or use
    ├── RateLimitedError            429
    ├── EndpointFailedError         5xx
    │   ├── OverloadedError             529, or words about load
    │   └── ModelLoadingError           503 while the model is being loaded
    ├── EndpointAwayError           failed so often that nothing is sent to it for a while
    ├── NotACompletionError         the address is not that of a chat-completion endpoint
    ├── EndpointTimeoutError
    │   ├── ConnectTimeoutError     no connection in time
    │   ├── FirstTokenTimeoutError  connected, but no answer began
    │   ├── TokenTimeoutError       the answer began and then stalled
    │   └── ReplyTimeoutError       the whole answer took too long
    ├── DisconnectedError           closed before the answer began (the request may have run)
    ├── ReplyLostError              the connection broke in the middle of the answer
    ├── ReplyFailedError            the endpoint reported an error in the middle of the answer
    ├── ReplyCutOffError            the answer ended without its end mark
    ├── ReplyFilteredError          the provider's filter ended the answer before its first word
    ├── ThoughtsOnlyError           the model thought and ended
    ├── ThoughtsTooLongError        the length was used up before the first word
    └── ReplyEmptyError             a complete answer without any text

An error carries a stable `code` ("noun.reason") for scripts and tests, a `message` for the person
(an English msgid, translated where it is shown), and `detail`, the provider's own words, which only
administrators see.
"""
