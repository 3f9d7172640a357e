package io.glucogrid.http;

import io.glucogrid.grid.Deadline;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A request as an endpoint sees it. Its deadline began when it had arrived whole, so the wait for a thread counts.
 *
 * @param query what stands behind the path's question mark; empty for nothing
 * @param parameters values of the path's {@code {placeholders}}
 */
record Call(
        byte[] body, @Nullable String contentType, String query, Map<String, String> parameters, Deadline deadline) {
    /** Whether the query says {@code name=true}. */
    boolean flag(String name) {
        for (String part : query.split("&", -1)) {
            if (part.equalsIgnoreCase(name + "=true") || part.equals(name + "=1")) {
                return true;
            }
        }
        return false;
    }
}
