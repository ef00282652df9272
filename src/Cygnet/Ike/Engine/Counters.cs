// What listcounters shows, and why datagrams were dropped. docs/vici.md.
namespace Cygnet.Ike;

/// <summary>In the order in which they are listed.</summary>
public enum Counter
{
    IkeRekeyInitiated, IkeRekeyAnswered, ChildRekey, Invalid, InvalidSpi,
    InitInRequest, InitInResponse, InitOutRequest, InitOutResponse,
    AuthInRequest, AuthInResponse, AuthOutRequest, AuthOutResponse,
    CreateChildInRequest, CreateChildInResponse, CreateChildOutRequest, CreateChildOutResponse,
    InformationalInRequest, InformationalInResponse, InformationalOutRequest, InformationalOutResponse,
}

/// <summary>Why a datagram went no further. Dropping is silent towards the sender.</summary>
public enum DropReason { Malformed, Version, UnknownSpi, WrongRole, WrongState, MessageId, Busy, Integrity, HalfOpenLimit, InitiatorOnly, NotConfigured, Keepalive, TooLarge, Header }

/// <summary>Counters of one engine; read from other threads through snapshots only.</summary>
public sealed class Counters
{
    public const int Count = (int)Counter.InformationalOutResponse + 1;

    readonly Dictionary<string, long[]> _byName = [];

    public long[] Global { get; } = new long[Count];

    public IReadOnlyDictionary<string, long[]> ByConnection => _byName;

    public long[] Drops { get; } = new long[(int)DropReason.Header + 1];

    public void Add(Counter counter, string? connection)
    {
        Global[(int)counter]++;
        if (connection is null) return;
        if (!_byName.TryGetValue(connection, out var own)) _byName[connection] = own = new long[Count];
        own[(int)counter]++;
    }

    /// <summary>One message of an exchange: direction and kind follow from the flags.</summary>
    internal void AddMessage(Wire.ExchangeType exchange, bool incoming, bool response, string? connection)
    {
        var first = exchange switch
        {
            Wire.ExchangeType.IkeSaInit => Counter.InitInRequest,
            Wire.ExchangeType.IkeAuth => Counter.AuthInRequest,
            Wire.ExchangeType.CreateChildSa => Counter.CreateChildInRequest,
            Wire.ExchangeType.Informational => Counter.InformationalInRequest,
            _ => (Counter?)null,
        };
        if (first is { } f) Add(f + (incoming ? 0 : 2) + (response ? 1 : 0), connection);
    }

    public void ResetGlobal() => Array.Clear(Global);

    public void Reset(string connection) => _byName.Remove(connection);

    public void ResetNamed() => _byName.Clear();
}
