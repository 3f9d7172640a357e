package io.glucogrid.rest;

import io.glucogrid.door.Operations;
import io.glucogrid.door.Outcome;
import io.glucogrid.door.RegistryOperations;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code cmd=exe&name=io.glucogrid.rest.Explain}: {@code POST /features/explain}. */
public final class Explain extends JsonTask {
    private static final long serialVersionUID = 1L;

    @Override
    Outcome answer(Operations operations, Map<String, @Nullable Object> request) {
        return new RegistryOperations(operations)
                .explain(request, operations.runtime().deadline());
    }
}
