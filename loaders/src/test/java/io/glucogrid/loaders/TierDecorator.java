package io.glucogrid.loaders;

import java.io.IOException;
import java.net.URI;
import java.util.List;
import org.apache.parquet.io.InputFile;

/** A tier that does what another does, for tests that change one thing about it. */
class TierDecorator implements TierStorage {
    private final TierStorage tier;

    TierDecorator(TierStorage tier) {
        this.tier = tier;
    }

    @Override
    public URI root() {
        return tier.root();
    }

    @Override
    public List<TierFile> list(String folder) throws IOException {
        return tier.list(folder);
    }

    @Override
    public List<String> folders() throws IOException {
        return tier.folders();
    }

    @Override
    public InputFile input(String path) {
        return tier.input(path);
    }

    @Override
    public Pending create(String folder) throws IOException {
        return tier.create(folder);
    }

    @Override
    public void move(String from, String to) throws IOException {
        tier.move(from, to);
    }

    @Override
    public void delete(String path) throws IOException {
        tier.delete(path);
    }

    @Override
    public byte[] read(String path) throws IOException {
        return tier.read(path);
    }

    @Override
    public boolean createIfAbsent(String path, byte[] bytes) throws IOException {
        return tier.createIfAbsent(path, bytes);
    }
}
