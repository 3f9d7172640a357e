package io.glucogrid.rest;

import io.glucogrid.door.Operations;
import io.glucogrid.door.Outcome;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code cmd=exe&name=io.glucogrid.rest.ShadowModel}: {@code POST /models/shadow}. */
public final class ShadowModel extends JsonTask {
    private static final long serialVersionUID = 1L;

    @Override
    Outcome answer(Operations operations, Map<String, @Nullable Object> request) {
        return operations.forecasts().shadow(request);
    }
}
