package io.glucogrid.feast;

import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.json.Json;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An answer as Feast's clients take it.
 *
 * @param json body; empty for none
 */
public record FeastReply(int status, byte[] json) {
    private static final String MODULE = "feast.errors";

    static FeastReply of(int status, @Nullable Object tree) {
        return new FeastReply(status, Json.write(tree));
    }

    static FeastReply empty(int status) {
        return new FeastReply(status, new byte[0]);
    }

    /**
     * An error: a JSON text that itself holds JSON, from which a client makes the exception of that class again.
     *
     * @param exception class of {@value #MODULE} that takes the message as its only argument
     */
    static FeastReply error(int status, String exception, String message) {
        Map<String, Object> error = new LinkedHashMap<>();
        error.put("module", MODULE);
        error.put("class", exception);
        error.put("message", message);
        return of(status, Json.text(error));
    }

    /** {@code failed} as an error. */
    public static FeastReply error(GridException failed) {
        return error(failed, "FeastError");
    }

    /** {@code failed}, with the exception that says what was not found where something was not. */
    static FeastReply error(GridException failed, String notFound) {
        String exception = failed.code() == ErrorCode.NOT_FOUND
                ? notFound
                : failed.code() == ErrorCode.FORBIDDEN ? "FeastPermissionError" : "FeastError";
        int status = failed.code().httpStatus();
        // Feast's own answer to an unknown push source is 422.
        return error(
                notFound.equals("PushSourceNotFoundException") && status == 404 ? 422 : status,
                exception,
                failed.reason());
    }
}
