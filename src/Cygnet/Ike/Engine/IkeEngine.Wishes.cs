// What an operator asks for: bring up, take down, rekey. docs/vici.md.
using System.Collections.Immutable;
using Cygnet.Policy;

namespace Cygnet.Ike;

public sealed partial class IkeEngine
{
    public void Accept(Wish wish, Instant now)
    {
        Now = now;
        switch (wish)
        {
            case Wish.Initiate w: Initiate(w.Connection, w.Child is null ? null : new(w.Child, w.Watcher) { Acquired = w.Acquired }, w.Watcher, w.Vips); break;
            case Wish.Install w: Install(w); break;
            case Wish.Uninstall w: Uninstall(w); break;
            case Wish.TerminateIke w: Terminate(w); break;
            case Wish.TerminateChild w: Terminate(w); break;
            case Wish.RekeyIke w when _sas.Find(w.UniqueId) is { } sa:
                if (w.Reauthenticate) sa.OnReauthDue();
                else sa.OnRekeyDue();
                break;
            case Wish.RekeyChild w: ChildById(w.UniqueId)?.OnRekeyDue(); break;
            case Wish.Redirect w when _sas.Find(w.UniqueId) is { IsAlive: true } sa: sa.Current.SendAway(w.Gateway); break;
            case Wish.Reauthorize w when _sas.Find(w.UniqueId) is { } sa: sa.Reauthorize(w.AuthLifetime, w.Groups); break;
            case Wish.TerminateAll:
                foreach (var sa in _sas.All.ToArray()) sa.Delete(null);
                foreach (var policy in _standing.All) Remove(policy);
                break;
        }
        Rearm();
    }

    /// <summary>Whether this engine has the IKE_SA or CHILD_SA.</summary>
    public bool HasIke(int uniqueId) => _sas.Find(uniqueId) is { IsAlive: true };

    public bool HasChild(int uniqueId) => ChildById(uniqueId) is not null;

    /// <summary>An SA of this connection that a new child can go onto.</summary>
    public bool Serves(Connection connection) => Serving(connection) is not null;

    ChildSa? ChildById(int uniqueId) => _sas.All.Where(s => s.IsAlive).SelectMany(s => s.Children).FirstOrDefault(c => c.UniqueId == uniqueId);

    IkeSa? Serving(Connection connection) => Settings.ReuseIkeSa
        ? _sas.All.FirstOrDefault(s => s.Connection is { } c && c.Name == connection.Name && s.Phase <= Phase.Rekeying && (s.IsInitiator || s.Phase is Phase.Established or Phase.Rekeying)
            && !s.IsRedirected && s.Replacement is null && c.HasSameIkeSettings(connection) && !s.HasTask<Exchanges.DeleteIke>(_ => true))
        : null;

    /// <summary>
    /// A fresh IKE_SA with these children, on that path, for reauthentication; it asks for the virtual addresses that the former one had. Null if it
    /// came to its end at once.
    /// </summary>
    internal IkeSa? Initiate(Connection connection, IReadOnlyList<ChildConfig> children, ImmutableArray<Address> vips, Path path)
    {
        var sa = Begin(connection, children.Count > 0 ? new(children[0], null) : null, null, path);
        if (sa is not { IsAlive: true }) return null;
        if (!vips.IsEmpty) sa.Virtual = new() { Wanted = vips };
        foreach (var child in children.Skip(1)) sa.EnqueueLater(new Exchanges.CreateChild(sa, new(child, null)));
        return sa;
    }

    void Initiate(Connection connection, ChildWish? child, IWatcher? watcher, ImmutableArray<Address> vips)
    {
        if (child is { Config: { Mode: ChildMode.Pass or ChildMode.Drop } shunt })
        {
            Teller(connection, watcher, LogGroup.Ike)($"'{shunt.Name}' is a shunt, there is nothing to negotiate; 'ipsec route {shunt.Name}' installs it");
            watcher?.Done($"'{shunt.Name}' is a shunt");
            return;
        }
        if (Serving(connection) is { } sa)
        {
            if (child is null)
            {
                if (sa.Phase is Phase.Established or Phase.Rekeying) watcher?.Done(null);
                else if (watcher is not null) sa.Watchers.Add(watcher);
                return;
            }
            if (watcher is not null) sa.Watchers.Add(watcher);
            if (sa.Phase is Phase.Established or Phase.Rekeying) sa.Enqueue(new Exchanges.CreateChild(sa, child));
            else sa.EnqueueLater(new Exchanges.CreateChild(sa, child));
            return;
        }
        if (Begin(connection, child, watcher) is { } begun && !vips.IsEmpty) begun.Virtual = new() { Wanted = vips };
    }

    IkeSa? Begin(Connection connection, ChildWish? child, IWatcher? watcher, Path? path = null)
    {
        if (connection.Version == IkeVersion.V1) return Fail("initiate aborted", "IKEv1 is not built yet", "set keyexchange=ikev2");
        if (path is null && PeerConfigs.InitiatableRemote(connection) is null)
            return Fail($"unable to resolve {string.Join(',', connection.RemoteAddrs)}, initiate aborted", "it has no peer to initiate to", "'right=' must name one address or host");
        var sa = new IkeSa(this, isInitiator: true, default, default) { Connection = connection, State = IkeState.Connecting, InitiatorSpi = NewIkeSpi() };
        if (watcher is not null) sa.Watchers.Add(watcher);
        Register(sa);
        if (path is not null) sa.Begin(path, child);
        else
        {
            sa.MayResume = connection.Resumes; // with a path it is to be authenticated anew
            Locate(sa, child);
        }
        return sa;

        IkeSa? Fail(string reference, string reason, string change)
        {
            var tell = Teller(connection, watcher, LogGroup.Ike);
            tell(reference);
            tell($"refused: {reason}; {change}");
            Host.Shared.Refusals.Add(new() { Connection = connection.Name, Kind = RefusalKind.Peer, By = RefusedBy.Us, Reason = reason, Change = change, At = Host.WallTime, First = Host.WallTime, WeInitiated = true });
            watcher?.Done($"{reason}; {change}");
            return null;
        }
    }

    /// <summary>
    /// An IKE_SA of the same connection with the gateway that this one redirects us to; the caller says what else it has to do, and pumps it.
    /// </summary>
    internal IkeSa BeginElsewhere(IkeSa old, Address gateway, ChildWish? child)
    {
        var sa = new IkeSa(this, isInitiator: true, default, default)
        {
            Connection = old.Connection, State = IkeState.Connecting, InitiatorSpi = NewIkeSpi(), Redirection = old.Redirection!.Next(old.Remote.Address),
        };
        sa.Redirection.Origin = old.Redirection.Origin ?? old.Remote with { Port = old.Connection!.RemotePort };
        old.Redirection.To = sa;
        Register(sa);
        sa.Aim(new(gateway, 500));
        sa.EnqueueLater(new Exchanges.IkeSaInit(sa, child));
        return sa;
    }

    internal ushort LocalPortFor(Connection connection, ushort remotePort) =>
        connection.LocalPort != 500 ? connection.LocalPort : remotePort != 500 ? Settings.PortNatT : Settings.Port;

    /// <summary>Finds out where the peer is and how to get there, and begins; if its name leads nowhere, on the path of the attempt before.</summary>
    internal void Locate(IkeSa sa, ChildWish? child, Path? before = null)
    {
        var connection = sa.Connection!;
        var text = PeerConfigs.InitiatableRemote(connection)!;
        if (Address.TryParse(text, out var remote))
        {
            Start(remote);
            return;
        }
        var lookup = Host.Lookup;
        Host.Start(new Work<Address[]>(int.MaxValue, () => lookup(text), () => sa.IsAlive, found =>
        {
            if (found.Length > 0) Start(found[0]);
            else Unresolved($"'{text}' could not be resolved");
        }, e => Unresolved($"resolving '{text}' failed: {e.Message}")));

        void Start(Address to)
        {
            if (LocalFor(connection, to) is { } from)
                sa.Begin(new(new(from, LocalPortFor(connection, connection.RemotePort)), new(to, connection.RemotePort)), child);
            else Give($"no route to {to} from an address that 'left={string.Join(',', connection.LocalAddrs)}' allows", null);
        }

        void Unresolved(string reason)
        {
            const string change = "'right=' must be an address or a name that DNS knows";
            if (before is not null)
            {
                sa.Log(LogGroup.Ike, 1, $"unable to resolve {text}, trying {before.Remote.Address} again");
                sa.Begin(before, child);
                return;
            }
            if (Settings.RetryInitiateInterval <= TimeSpan.Zero)
            {
                sa.Log(LogGroup.Ike, 1, $"unable to resolve {text}, initiate aborted");
                Give(reason, change);
                return;
            }
            sa.Log(LogGroup.Ike, 1, $"unable to resolve {text}, retrying in {(long)Settings.RetryInitiateInterval.TotalSeconds}s");
            sa.Refused(RefusalKind.Peer, RefusedBy.Us, reason, change);
            sa.Later(Settings.RetryInitiateInterval, () =>
            {
                if (sa.IsAlive) Locate(sa, child);
            });
        }

        void Give(string reason, string? change)
        {
            sa.Refused(RefusalKind.Peer, RefusedBy.Us, reason, change);
            sa.Alert(AlertType.PeerAddrFailed);
            sa.Destroy(reason);
        }
    }

    internal Address? LocalFor(Connection connection, Address remote)
    {
        foreach (var text in connection.LocalAddrs)
            if (Address.TryParse(text, out var a) && !a.IsAny && a.IsIPv6 == remote.IsIPv6) return a;
        // A name too leaves the choice to routing: it may not lead anywhere yet when the tunnel is wanted.
        return connection.LocalAddrs.Any(a => !Address.TryParse(a, out var single) || single.IsAny) ? Host.SourceAddressFor(remote) : null;
    }

    void Terminate(Wish.TerminateIke wish)
    {
        if (_sas.Find(wish.UniqueId) is not { IsAlive: true } sa)
        {
            wish.Watcher?.Done($"unable to terminate IKE_SA: ID {wish.UniqueId} not found");
            return;
        }
        // who wants one down that was rekeyed just now means its successor
        if (!wish.Force && sa.Current.IsAlive) sa = sa.Current;
        if (wish.Yields) sa.Yield();
        else if (!wish.Force) sa.Delete(wish.Watcher);
        else if (!wish.IsForgotten) sa.DeleteByForce(wish.Watcher);
        else
        {
            sa.RevokeTicket();
            sa.Destroy(null);
        }
    }

    void Terminate(Wish.TerminateChild wish)
    {
        if (ChildById(wish.UniqueId) is not { } child)
        {
            wish.Watcher?.Done($"unable to terminate, CHILD_SA with ID {wish.UniqueId} not found");
            return;
        }
        if (wish.Watcher is not null) child.Ike.Watchers.Add(wish.Watcher);
        child.Ike.Enqueue(new Exchanges.DeleteChild(child.Ike, child) { Watcher = wish.Watcher });
    }
}
