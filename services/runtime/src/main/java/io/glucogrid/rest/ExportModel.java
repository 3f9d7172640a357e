package io.glucogrid.rest;

import io.glucogrid.door.Operations;
import io.glucogrid.door.Outcome;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code cmd=exe&name=io.glucogrid.rest.ExportModel}: {@code GET /models/{name}/export}, the name as {@code "model"}. */
public final class ExportModel extends JsonTask {
    private static final long serialVersionUID = 1L;

    @Override
    Outcome answer(Operations operations, Map<String, @Nullable Object> request) {
        return operations.forecasts().exported(request);
    }
}
