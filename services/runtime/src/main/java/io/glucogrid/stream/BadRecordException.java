package io.glucogrid.stream;

import java.util.Locale;

/** A record that no retry makes good; it goes to the dead letters, and its neighbours go on. */
final class BadRecordException extends Exception {
    private static final long serialVersionUID = 1L;

    private final Reason reason;

    BadRecordException(Reason reason, String detail) {
        super(reason.code() + ": " + detail, null, false, false);
        this.reason = reason;
    }

    Reason reason() {
        return reason;
    }

    /** Code and detail, such as {@code missing_field: created}. */
    String text() {
        return String.valueOf(getMessage());
    }

    /** Why a record is bad, to count and to filter by. */
    enum Reason {
        NOT_JSON,
        TOO_LARGE,
        MISSING_FIELD,
        WRONG_TYPE,
        NOT_A_NUMBER,
        IMPLAUSIBLE_TIME,
        IMPLAUSIBLE_VALUE,
        /** The parser or the configured extractor broke on it. */
        UNREADABLE;

        String code() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
