package io.glucogrid.loaders;

import io.glucogrid.feature.Definitions;
import io.glucogrid.feature.StoredDefinitions;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.store.MetaStore;
import java.util.ServiceLoader;

/** The definitions that a tier was last given, for verbs that need no node. */
public final class TierDefinitions {
    private TierDefinitions() {}

    /** What is in force by the newest version in the tier; NOT_FOUND where none was ever applied. */
    public static Definitions inForce(TierStorage storage) {
        MetaStore.Document newest = new MetaDocuments(storage).latest(StoredDefinitions.KIND);
        if (newest == null) {
            throw new GridException(
                    ErrorCode.NOT_FOUND,
                    "the tier " + storage.root()
                            + " has no definitions yet: start a node on it, or 'glucogrid apply' them");
        }
        StoredDefinitions reader = ServiceLoader.load(StoredDefinitions.class)
                .findFirst()
                .orElseThrow(() -> new GridException(
                        ErrorCode.INVALID_CONFIG, "nothing on the class path reads the definitions of a tier"));
        return reader.inForce(newest.text());
    }
}
