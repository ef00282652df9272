// The keys under which this gateway seals tickets: made here, turned over, never stored; and which tickets are spent. RFC 5723 5, 9.
using System.Buffers.Binary;
using System.Security.Cryptography;
using Cygnet.Crypto;
using Cygnet.Policy;

namespace Cygnet.Ike;

/// <summary>
/// Thread safe; shared by all shards. A ticket is: version, number of the key, nonce, AES-256-GCM of its state. A key is used for as long as a
/// ticket lives and kept as long again, so a stolen memory opens no ticket older than that, and after a restart all clients authenticate.
/// </summary>
sealed class TicketKeys
{
    const byte Version = 1;
    const int HeadBytes = 1 + 4, NonceBytes = 12, TagBytes = 16, Longest = 8192;

    /// <summary>More tickets than that are not remembered as spent: then none is taken any more until the key turns.</summary>
    public const int MostSpent = 100_000;

    /// <summary>So many connections' settings are remembered, far more than anybody configures.</summary>
    public const int MostConnections = 100_000;

    sealed record Key(uint Number, AesGcm Cipher, Instant Until, HashSet<UInt128> Spent);

    readonly Lock _lock = new();
    readonly List<Key> _keys = [];
    readonly Dictionary<string, (Connection Connection, int Number)> _connections = new(StringComparer.Ordinal);
    uint _lastNumber;
    int _lastSettings;
    object? _credentials;
    int _credentialsNumber;

    /// <summary>Seals the state for as long as <paramref name="lifetime"/>, that of all tickets.</summary>
    public byte[] Seal(TicketState state, Instant now, TimeSpan lifetime, IRandom random)
    {
        lock (_lock)
        {
            Turn(now, lifetime, random);
            var key = _keys[^1];
            var plaintext = state.Write();
            var ticket = new byte[HeadBytes + NonceBytes + plaintext.Length + TagBytes];
            ticket[0] = Version;
            BinaryPrimitives.WriteUInt32BigEndian(ticket.AsSpan(1), key.Number);
            var nonce = ticket.AsSpan(HeadBytes, NonceBytes);
            random.Fill(nonce);
            key.Cipher.Encrypt(nonce, plaintext, ticket.AsSpan(HeadBytes + NonceBytes, plaintext.Length), ticket.AsSpan(ticket.Length - TagBytes), ticket.AsSpan(0, HeadBytes));
            CryptographicOperations.ZeroMemory(plaintext);
            return ticket;
        }
    }

    /// <summary>What a ticket holds; null if it is not ours, too old, or spent.</summary>
    public TicketState? Open(ReadOnlySpan<byte> ticket, Instant now)
    {
        if (ticket.Length is < HeadBytes + NonceBytes + TagBytes or > Longest || ticket[0] != Version) return null;
        var number = BinaryPrimitives.ReadUInt32BigEndian(ticket[1..]);
        var plaintext = new byte[ticket.Length - HeadBytes - NonceBytes - TagBytes];
        lock (_lock)
        {
            if (_keys.Find(k => k.Number == number && now < k.Until) is not { } key) return null;
            try
            {
                key.Cipher.Decrypt(ticket.Slice(HeadBytes, NonceBytes), ticket.Slice(HeadBytes + NonceBytes, plaintext.Length), ticket[^TagBytes..], plaintext, ticket[..HeadBytes]);
            }
            catch (AuthenticationTagMismatchException)
            {
                return null;
            }
            var state = TicketState.Read(plaintext);
            CryptographicOperations.ZeroMemory(plaintext);
            return state is not null && now < state.Expires && !key.Spent.Contains(state.Id) && key.Spent.Count < MostSpent ? state : null;
        }
    }

    /// <summary>A ticket resumes one session, once; or nothing any more, if it is revoked. False if it is spent already.</summary>
    public bool Spend(UInt128 id)
    {
        lock (_lock)
        {
            // of which key it is nobody keeps: it is spent for all that are left
            var isFresh = !_keys.Exists(k => k.Spent.Contains(id));
            foreach (var key in _keys) key.Spent.Add(id);
            return isFresh;
        }
    }

    /// <summary>
    /// The number of a connection's present settings, children apart: never given again once they have changed, also if they change back.
    /// What is remembered is one entry a name; when they are too many, all tickets lapse.
    /// </summary>
    public int NumberOf(Connection connection)
    {
        lock (_lock)
        {
            if (_connections.TryGetValue(connection.Name, out var known) && known.Connection.HasSameIkeSettings(connection)) return known.Number;
            if (_connections.Count >= MostConnections) _connections.Clear();
            _connections[connection.Name] = (connection with { Children = [] }, ++_lastSettings);
            return _lastSettings;
        }
    }

    /// <summary>Another number whenever secrets and certificates are loaded anew.</summary>
    public int NumberOf(object credentials)
    {
        lock (_lock)
        {
            if (!ReferenceEquals(_credentials, credentials)) (_credentials, _credentialsNumber) = (credentials, _credentialsNumber + 1);
            return _credentialsNumber;
        }
    }

    void Turn(Instant now, TimeSpan lifetime, IRandom random)
    {
        foreach (var old in _keys.Where(k => now >= k.Until).ToArray())
        {
            old.Cipher.Dispose();
            _keys.Remove(old);
        }
        // the newest is for sealing as long as what it seals outlives nothing
        if (_keys.Count > 0 && _keys[^1].Until - now >= lifetime) return;
        Span<byte> bytes = stackalloc byte[32];
        random.Fill(bytes);
        _keys.Add(new(++_lastNumber, new AesGcm(bytes, TagBytes), now + 2 * lifetime, []));
        CryptographicOperations.ZeroMemory(bytes);
    }
}
