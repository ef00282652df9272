// Notices changes of links, addresses and routes. rtnetlink(7), multicast groups.
using Cygnet.Linux.Native;

namespace Cygnet.Linux.Netlink;

/// <summary>What changed.</summary>
[Flags]
public enum RouteChange
{
    Addresses = 1,
    Routes = 2,
    Links = 4,
}

/// <summary>Calls back on a thread of its own after changes in the namespace of the constructing thread.</summary>
public sealed class RouteWatch : IDisposable
{
    const int GroupLink = 1, GroupAddress4 = 5, GroupRoute4 = 7, GroupRule4 = 8, GroupAddress6 = 9, GroupRoute6 = 11, GroupRule6 = 19;

    readonly NetlinkSocket _socket;
    readonly StopSignal _stop = new();
    readonly Thread _thread;

    /// <param name="changed">What changed since the last call.</param>
    /// <param name="exceptTable">Routes of this table are nobody's concern: they are our own.</param>
    /// <param name="routes">Whether changes of routes count.</param>
    /// <param name="rules">Whether changes of rules count, as changes of routes.</param>
    public RouteWatch(Action<RouteChange> changed, uint exceptTable = 0, bool routes = true, bool rules = false)
    {
        int[] groups = [GroupLink, GroupAddress4, GroupAddress6];
        if (routes) groups = [.. groups, GroupRoute4, GroupRoute6];
        if (rules) groups = [.. groups, GroupRule4, GroupRule6];
        _socket = new(0, groups);
        _thread = new Thread(() =>
        {
            while (true)
            {
                RouteChange change = 0;
                if (!_socket.ReceiveNotifications(_stop, (type, body) => change |= type switch
                    {
                        16 or 17 => RouteChange.Links,
                        20 or 21 => RouteChange.Addresses,
                        24 or 25 when exceptTable == 0 || Rtnetlink.TableOf(body) is { } table && table != exceptTable => RouteChange.Routes,
                        32 or 33 => RouteChange.Routes,
                        0 => RouteChange.Links | RouteChange.Addresses | RouteChange.Routes,
                        _ => 0,
                    })) return;
                if (change != 0) changed(change);
            }
        }) { IsBackground = true, Name = "route-watch" };
        _thread.Start();
    }

    public void Dispose()
    {
        if (_stop.IsSet) return;
        _stop.Set();
        if (_thread != Thread.CurrentThread) _thread.Join();
        _socket.Dispose();
        _stop.Dispose();
    }
}
