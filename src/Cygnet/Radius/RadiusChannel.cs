// One socket to one port of one server, with the requests that wait for replies on it. RFC 2865 2.4, 3 (Identifier).
namespace Cygnet.Radius;

/// <summary>An identifier is free again once its request has ended.</summary>
public sealed class RadiusChannel
{
    readonly RadiusExchange?[] _waiting = new RadiusExchange?[256];
    byte _next;

    internal RadiusChannel(RadiusServer server, bool isAccounting, int number) => (Server, IsAccounting, Number) = (server, isAccounting, number);

    internal RadiusServer Server { get; }
    public RadiusServerSettings Settings => Server.Settings;
    public bool IsAccounting { get; }

    /// <summary>Which of the sockets to that port.</summary>
    public int Number { get; }

    public int Waiting { get; private set; }

    public bool IsFull => Waiting == _waiting.Length;

    /// <summary>The next free identifier, so that one is not used again soon.</summary>
    internal byte Take(RadiusExchange exchange)
    {
        while (_waiting[_next] is not null) _next++;
        _waiting[_next] = exchange;
        Waiting++;
        return _next++;
    }

    internal RadiusExchange? Find(byte identifier) => _waiting[identifier];

    internal void Free(byte identifier)
    {
        _waiting[identifier] = null;
        Waiting--;
    }

    internal IEnumerable<RadiusExchange> All() => Waiting == 0 ? [] : _waiting.OfType<RadiusExchange>();
}
