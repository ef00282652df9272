// The door of the core: what comes in and what goes out. The core reads no clock, opens nothing, starts nothing.
using Cygnet.Crypto;
using Cygnet.Esp;
using Cygnet.Pki.Revocation;
using Cygnet.Policy;

namespace Cygnet.Ike;

/// <summary>A moment on the host's monotonic clock, in milliseconds; virtual in simulation.</summary>
public readonly record struct Instant(long Milliseconds) : IComparable<Instant>
{
    public static readonly Instant Never = new(long.MaxValue);

    public int CompareTo(Instant other) => Milliseconds.CompareTo(other.Milliseconds);

    public static Instant operator +(Instant at, TimeSpan span) => new(at.Milliseconds + (long)span.TotalMilliseconds);

    public static TimeSpan operator -(Instant a, Instant b) => TimeSpan.FromMilliseconds(a.Milliseconds - b.Milliseconds);

    public static bool operator <(Instant a, Instant b) => a.Milliseconds < b.Milliseconds;

    public static bool operator >(Instant a, Instant b) => a.Milliseconds > b.Milliseconds;

    public static bool operator <=(Instant a, Instant b) => a.Milliseconds <= b.Milliseconds;

    public static bool operator >=(Instant a, Instant b) => a.Milliseconds >= b.Milliseconds;
}

/// <summary>
/// Where the effects of one engine (one shard) go. Called only from inside <see cref="IkeEngine"/>'s inputs, on the shard's thread.
/// Implemented by charon's shard and by the simulator.
/// </summary>
public interface IHost
{
    /// <summary>Wall-clock time, for certificates and logs only.</summary>
    DateTimeOffset WallTime { get; }

    IRandom Random { get; }

    ICryptoDoor Crypto { get; }

    IDataPlane DataPlane { get; }

    /// <summary>What all shards of a daemon share: unique ids, half-open counts.</summary>
    SharedState Shared { get; }

    /// <summary>
    /// Sends an IKE datagram, without the non-ESP marker: the host puts it in front for every local port but 500 (RFC 3948 2.2).
    /// <paramref name="local"/> is one of our addresses; unspecified lets the host choose.
    /// <paramref name="dscp"/> marks the packet (RFC 2474).
    /// </summary>
    void Send(Endpoint local, Endpoint remote, ReadOnlySpan<byte> datagram, byte dscp = 0);

    /// <summary>Sends the one-byte NAT keepalive, RFC 3948 2.3.</summary>
    void SendKeepalive(Endpoint local, Endpoint remote);

    /// <summary>Our address towards the peer, as routing has it; null if there is no route. Never blocks.</summary>
    Address? SourceAddressFor(Address remote);

    /// <summary>Whether packets from that address of ours can go to the peer: it is there still, and a route over its interface. Never blocks.</summary>
    bool HasPath(Address local, Address remote);

    /// <summary>Our addresses that peers may use: global ones of interfaces that are up, without virtual ones.</summary>
    IReadOnlyList<Address> LocalAddresses();

    /// <summary>Whether the address is one of ours.</summary>
    bool IsLocalAddress(Address address);

    /// <summary>What stands behind <c>eap-radius</c>; null: nothing.</summary>
    Eap.EapServerFactory? Radius => null;

    /// <summary>Where virtual addresses and name servers go that a server assigns to us; null: nowhere.</summary>
    IHostConfiguration? HostConfiguration => null;

    /// <summary>Makes the tokens of crash detection; null: this daemon makes none.</summary>
    CrashTokens? CrashTokens => null;

    /// <summary>Fetches CRLs and asks OCSP responders, inside a Work; null: what is loaded has to do.</summary>
    IStatusFetcher? StatusFetcher => null;

    /// <summary>Looks a name up; called inside a Work only.</summary>
    NameLookup Lookup { get; }

    /// <summary>
    /// Hands a wish to whichever shard has the SA it names. An initiation without such a shard, and the installation of a policy, go to the
    /// connection's home shard.
    /// </summary>
    void Forward(Wish wish);

    /// <summary>Asks for a Tick at that moment at the latest; an earlier one replaces a later one.</summary>
    void Arm(Instant deadline);

    /// <summary>
    /// Runs the work (inline if it is known to cost under 100 µs, else elsewhere), then hands it back through
    /// <see cref="IkeEngine.Finished"/>, never from inside this call.
    /// </summary>
    void Start(Work work);

    /// <summary>Whether a line of that group and level is wanted by anybody.</summary>
    bool WantsLog(LogGroup group, int level);

    void Log(in LogLine line);

    /// <summary>
    /// Whether anybody wants to hear of SAs that come up. The pictures that go with it cost as much as the rest of setting one up that does not
    /// concern cryptography; who begins to listen hears of the next one. A child with a script is told of in any case.
    /// </summary>
    bool WantsUp => true;

    /// <summary>Whether anybody wants to hear of what goes wrong with SAs; each alert brings a picture of its SA.</summary>
    bool WantsAlerts => true;

    /// <summary>A state change: ike-updown, child-updown, ike-rekey, ike-update, child-rekey, alert.</summary>
    void Raise(SaEvent e);
}

/// <summary>The addresses of a host name, best first; empty if there are none.</summary>
public delegate Address[] NameLookup(string name);

/// <summary>
/// Something slow that an SA waits for: <see cref="Run"/> on any thread, touching only what the work holds; then <see cref="Finish"/> on the shard.
/// </summary>
public abstract class Work(int microseconds)
{
    /// <summary>Estimated cost; below 100 the host runs it inline.</summary>
    public int Microseconds { get; } = microseconds;

    /// <summary>Whether it waits for the network rather than computes: <see cref="RunAsync"/> then needs no thread of its own.</summary>
    public virtual bool IsAsynchronous => false;

    /// <summary>The token that the work waits for, if it does: such work has a queue apart, so that a slow card holds up nobody else's.</summary>
    public object? Device { get; init; }

    /// <summary>Computes. An exception is kept and given to the owner by <see cref="Finish"/>.</summary>
    public abstract void Run();

    /// <summary>As <see cref="Run"/>, but gives the thread back while it waits. Never fails.</summary>
    public virtual Task RunAsync()
    {
        Run();
        return Task.CompletedTask;
    }

    internal abstract void Finish();
}

/// <summary>Work with a result. The continuation runs on the shard; <paramref name="alive"/> false (the SA is gone) drops the result.</summary>
sealed class Work<T>(int microseconds, Func<T> compute, Func<bool> alive, Action<T> finish, Action<Exception> fault) : Work(microseconds)
{
    T? _result;
    Exception? _fault;

    public override void Run()
    {
        try { _result = compute(); }
        catch (Exception e) { _fault = e; }
    }

    internal override void Finish()
    {
        if (!alive()) return;
        if (_fault is not null) fault(_fault);
        else finish(_result!);
    }
}

/// <summary>As <see cref="Work{T}"/>, for what may wait for an answer from the network.</summary>
sealed class AsyncWork<T>(int microseconds, Func<ValueTask<T>> begin, Func<bool> alive, Action<T> finish, Action<Exception> fault) : Work(microseconds)
{
    T? _result;
    Exception? _fault;

    public override bool IsAsynchronous => true;

    public override void Run() => RunAsync().GetAwaiter().GetResult();

    public override async Task RunAsync()
    {
        try { _result = await begin().ConfigureAwait(false); }
        catch (Exception e) { _fault = e; }
    }

    internal override void Finish()
    {
        if (!alive()) return;
        if (_fault is not null) fault(_fault);
        else finish(_result!);
    }
}

/// <summary>Shared by the shards of one daemon; all members are thread safe.</summary>
public sealed class SharedState
{
    int _uniqueId, _childId, _halfOpen, _policyOrder, _mark, _ifId;

    /// <summary>IKE_SA ids count from 1 since the start.</summary>
    public int NextIkeId() => Interlocked.Increment(ref _uniqueId);

    /// <summary>CHILD_SA ids; traps take some too.</summary>
    public int NextChildId() => Interlocked.Increment(ref _childId);

    /// <summary>Shunts are listed in the order of their installation; they take no CHILD_SA id.</summary>
    public int NextPolicyOrder() => Interlocked.Increment(ref _policyOrder);

    /// <summary>What <c>%unique</c> stands for in marks, and in the numbers of XFRM interfaces.</summary>
    public uint NextMark() => (uint)Interlocked.Increment(ref _mark);

    public uint NextIfId() => (uint)Interlocked.Increment(ref _ifId);

    public ReqidTable Reqids { get; } = new();

    /// <summary>Established IKE_SAs by the identities of both ends, for uniqueness.</summary>
    public PeerTable Peers { get; } = new();

    /// <summary>As a gateway: what seals the tickets of our clients.</summary>
    internal TicketKeys TicketKeys { get; } = new();

    /// <summary>As a client: our own.</summary>
    internal ClientTickets Tickets { get; } = new();

    /// <summary>What was refused and why, for <c>ipsec why</c>.</summary>
    public Refusals Refusals { get; } = new();

    /// <summary>What was fetched about revocation.</summary>
    public StatusCache Statuses { get; } = new();

    /// <summary>How much may still be fetched for peers that are not authenticated.</summary>
    public LookupBudget Lookups { get; } = new();

    /// <summary>How many works wait for a thread, if the host knows.</summary>
    public Func<int>? JobLoad { get; set; }

    /// <summary>Half-open IKE_SAs of which we are the responder.</summary>
    public int HalfOpen => Volatile.Read(ref _halfOpen);

    public void AddHalfOpen(int delta) => Interlocked.Add(ref _halfOpen, delta);
}
