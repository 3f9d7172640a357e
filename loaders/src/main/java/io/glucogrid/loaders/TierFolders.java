package io.glucogrid.loaders;

import java.io.IOException;
import java.util.List;
import java.util.Set;

/** What the folders right below a tier's root are for. */
final class TierFolders {
    private static final Set<String> NOT_TABLES = Set.of(MetaDocuments.FOLDER, Quarantine.FOLDER);

    private TierFolders() {}

    static boolean isTable(String folder) {
        return !NOT_TABLES.contains(folder);
    }

    /** Names of the tables that have files, sorted. */
    static List<String> tables(TierStorage storage) throws IOException {
        return storage.folders().stream().filter(TierFolders::isTable).sorted().toList();
    }
}
