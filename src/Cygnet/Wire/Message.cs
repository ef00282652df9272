// An IKE message: header and payloads. RFC 7296 3.1, 3.2.
using System.Runtime.InteropServices;

namespace Cygnet.Wire;

/// <summary>
/// A parsed message. Until its protected part has been opened, <see cref="Encrypted"/> says where that lies and
/// <see cref="Payloads"/> holds only what stood in front of it.
/// </summary>
public sealed partial class Message(IkeHeader header, IReadOnlyList<Payload> payloads)
{
    public IkeHeader Header { get; } = header;

    public IReadOnlyList<Payload> Payloads { get; } = payloads;

    /// <summary>Where the SK or SKF payload lies, if there is one.</summary>
    public EncryptedBody? Encrypted { get; private set; }

    /// <summary>The first payload of that class, or null.</summary>
    public T? Get<T>() where T : Payload
    {
        foreach (var p in All())
            if (p is T found) return found;
        return null;
    }

    /// <summary>The first payload of that type, where one class serves two types (IDi and IDr, TSi and TSr).</summary>
    public T? Get<T>(PayloadType type) where T : Payload
    {
        foreach (var p in All())
            if (p is T found && p.Type == type) return found;
        return null;
    }

    public IEnumerable<T> All<T>() where T : Payload => Get<T>() is null ? [] : Payloads.OfType<T>();

    public NotifyPayload? Notify(NotifyType type)
    {
        foreach (var p in All())
            if (p is NotifyPayload found && found.Notify == type) return found;
        return null;
    }

    public bool Has(NotifyType type) => Notify(type) is not null;

    // Looked through dozens of times a message: without an enumerator on the heap each time.
    ReadOnlySpan<Payload> All() => Payloads is List<Payload> list ? CollectionsMarshal.AsSpan(list) : Payloads as Payload[] ?? [.. Payloads];

    public override string ToString() => Encrypted is { } e ? Notation.Describe(Header, e) : Notation.Describe(Header, Payloads);
}
