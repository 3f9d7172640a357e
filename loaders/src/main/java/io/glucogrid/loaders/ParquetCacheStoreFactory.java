package io.glucogrid.loaders;

import javax.cache.configuration.Factory;

/** Makes the cache store of a history cache; carries nothing, because the store finds its table by the cache's name. */
public final class ParquetCacheStoreFactory implements Factory<ParquetCacheStore> {
    private static final long serialVersionUID = 1L;

    @Override
    public ParquetCacheStore create() {
        return new ParquetCacheStore();
    }
}
