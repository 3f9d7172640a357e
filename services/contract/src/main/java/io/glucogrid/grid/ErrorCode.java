package io.glucogrid.grid;

/** What went wrong, in one word that can be counted; the HTTP status follows from it. */
public enum ErrorCode {
    INVALID_REQUEST(422),
    NOT_FOUND(404),
    FORBIDDEN(403),
    CONFLICT(409),
    TOO_LARGE(413),
    OVERLOADED(429),
    /** A part of the node that the operation needs is not there yet or not any more. */
    NOT_READY(503),
    DEADLINE_EXCEEDED(504),
    INVALID_CONFIG(500),
    DAMAGED_DATA(500),
    STORAGE_UNAVAILABLE(503),
    INTERNAL(500);

    private final int httpStatus;

    ErrorCode(int httpStatus) {
        this.httpStatus = httpStatus;
    }

    /** Status of an HTTP answer that carries this error. */
    public int httpStatus() {
        return httpStatus;
    }

    /** Whether the caller, not the grid, has to change something. */
    public boolean isCallersFault() {
        return httpStatus < 500;
    }
}
