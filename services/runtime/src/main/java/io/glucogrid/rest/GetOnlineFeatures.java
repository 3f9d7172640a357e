package io.glucogrid.rest;

import io.glucogrid.door.Operations;
import io.glucogrid.door.Outcome;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code cmd=exe&name=io.glucogrid.rest.GetOnlineFeatures}: {@code POST /get_online_features}. */
public final class GetOnlineFeatures extends JsonTask {
    private static final long serialVersionUID = 1L;

    @Override
    Outcome answer(Operations operations, Map<String, @Nullable Object> request) {
        return operations.onlineFeatures(request, operations.runtime().deadline());
    }
}
