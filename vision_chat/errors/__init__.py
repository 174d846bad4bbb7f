"""Every error that this application raises on purpose.

ChatError
├── ConfigurationError      a setting is missing or makes no sense; the server does not start
├── ProtocolError           a frame from the browser that this server does not understand
├── TurnError               a turn, or a change to one, that cannot be made
│   ├── SignedOutError              the session has ended, or the account is not active
│   ├── NotFoundError               no such conversation or message for this person
│   ├── TurnEmptyError              neither text nor picture
│   ├── TurnTooLongError            more text than one message may hold
│   ├── TooManyImagesError        more pictures than one message may hold
│   ├── ImageGoneError            a picture was removed, or swept after a day
│   ├── ReplyRunningError           the conversation's reply has not ended yet
│   ├── NotLastReplyError           only the last reply can be made again or continued
│   ├── PromptTooLongError          the question alone does not fit the model's context
│   ├── NotKeptError                the database did not take it
│   └── ShuttingDownError           the server is about to end
├── ImageError              a picture that is not taken
│   ├── ImageEmptyError             a file of no bytes
│   ├── ImageTooManyBytesError      the file is too large
│   ├── ImageTooManyPixelsError     it would decode to more than may be held in memory
│   ├── ImageTooLongError           one side is longer than any format here can hold
│   ├── ImageTypeNotSupportedError  not a picture, or of a kind that is not decoded here
│   ├── ImageNotReadableError       damaged, cut off, or of an unusual variant
│   └── ImageNotStoredError       the disk did not take it
├── ParameterError          a parameter of a completion is unknown or out of its range
└── CompletionError         the endpoint did not give a whole answer
    ├── UnreachableError            no connection: refused, no route
    │   ├── UnknownHostError        its name does not resolve
    │   └── UntrustedError          its TLS certificate is not valid
    ├── KeyRefusedError             401
    ├── CreditsError                402, 403
    ├── ModelNotFoundError          404: unknown or retired
    ├── RequestTooLargeError        413
    ├── ContextTooLongError         400: more tokens than the model takes
    ├── RequestRefusedError         every other 4xx
    ├── RateLimitedError            429
    ├── EndpointFailedError         5xx
    ├── NotACompletionError         something answered that is no chat-completion endpoint
    ├── EndpointTimeoutError
    │   ├── ConnectTimeoutError     no connection in time
    │   ├── FirstTokenTimeoutError  connected, but no answer began
    │   ├── TokenTimeoutError       the answer began and then stood still
    │   └── ReplyTimeoutError       the answer took too long as a whole
    ├── DisconnectedError           hung up before the answer began (the request may have run)
    ├── ReplyLostError              the connection broke in the middle of the answer
    ├── ReplyFailedError            the endpoint reported an error in the middle of the answer
    ├── ReplyCutOffError            the answer ended without its end mark
    └── ReplyEmptyError             a whole answer without a word in it

An error carries a stable `code` ("noun.reason") for scripts and tests, a `message` for the person
(an English msgid, translated where it is shown), and `detail`, the provider's own words, which only
administrators see.
"""
