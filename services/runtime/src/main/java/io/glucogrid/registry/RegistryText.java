package io.glucogrid.registry;

import io.glucogrid.feature.Definitions;
import io.glucogrid.feature.StoredDefinitions;

/** Reads {@link RegistryDocument}s for those who do not know them. */
public final class RegistryText implements StoredDefinitions {
    @Override
    public Definitions inForce(String document) {
        return RegistryDocument.parse(document).inForce();
    }
}
