package io.glucogrid.rest;

import io.glucogrid.door.Operations;
import io.glucogrid.door.Outcome;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code cmd=exe&name=io.glucogrid.rest.Activate}: {@code POST /models/{name}/activate}, the name as {@code "model"}. */
public final class Activate extends JsonTask {
    private static final long serialVersionUID = 1L;

    @Override
    Outcome answer(Operations operations, Map<String, @Nullable Object> request) {
        return operations.activate(request);
    }
}
