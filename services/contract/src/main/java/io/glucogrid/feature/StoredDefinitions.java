package io.glucogrid.feature;

/**
 * Reads the definitions that a tier keeps in {@code meta/registry}; found with {@link java.util.ServiceLoader}, so that a verb
 * which works on a tier without any node knows them too.
 */
public interface StoredDefinitions {
    /** Kind of the documents, as {@link io.glucogrid.store.MetaStore} calls it. */
    String KIND = "registry";

    /**
     * What is in force by one version: nothing after a teardown.
     *
     * @param document text of the version
     * @throws io.glucogrid.grid.GridException DAMAGED_DATA, INVALID_CONFIG where the text is something else
     */
    Definitions inForce(String document);
}
