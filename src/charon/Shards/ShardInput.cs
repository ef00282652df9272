// One input of a shard, waiting in its queue.
using Cygnet.Ike;
using Cygnet.Policy;

namespace Cygnet.Charon.Shards;

/// <summary>A datagram in a pooled buffer, or something to do with the engine.</summary>
readonly struct ShardInput
{
    ShardInput(Endpoint local, Endpoint remote, byte[]? buffer, int length, Action<IEngine, Instant>? act) =>
        (Local, Remote, Buffer, Length, Act) = (local, remote, buffer, length, act);

    public static ShardInput Datagram(Endpoint local, Endpoint remote, byte[] buffer, int length) => new(local, remote, buffer, length, null);

    public static ShardInput Action(Action<IEngine, Instant> act) => new(default, default, null, 0, act);

    public Endpoint Local { get; }
    public Endpoint Remote { get; }

    /// <summary>Rented from the shared pool; null for an action.</summary>
    public byte[]? Buffer { get; }
    public int Length { get; }
    public Action<IEngine, Instant>? Act { get; }
}
