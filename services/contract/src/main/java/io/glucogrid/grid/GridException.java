package io.glucogrid.grid;

import org.jspecify.annotations.Nullable;

/** The one exception of GlucoGrid: a code to count and a sentence that a caller may read. */
public final class GridException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final ErrorCode code;

    public GridException(ErrorCode code, String message) {
        this(code, message, null);
    }

    public GridException(ErrorCode code, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    public ErrorCode code() {
        return code;
    }

    /** The message, which this class never leaves out. */
    public String reason() {
        String message = getMessage();
        return message == null ? code.name() : message;
    }
}
