package io.glucogrid.json;

/** A text that is not JSON, or nested, long or odd beyond what is read. */
public final class MalformedJson extends Exception {
    private static final long serialVersionUID = 1L;

    private final long offset;

    MalformedJson(String reason, long offset) {
        super(reason);
        this.offset = offset;
    }

    /** Where the text goes wrong, in bytes from its start. */
    public long offset() {
        return offset;
    }

    public String reason() {
        String message = getMessage();
        return message == null ? "malformed" : message;
    }
}
