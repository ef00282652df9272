// Whose the control socket is: charon.user and charon.group of strongswan.conf. docs/vici.md.
using Cygnet.Linux;

namespace Cygnet.Charon.Control;

/// <summary>User and group as numbers; null leaves those of this process, root's.</summary>
readonly record struct SocketOwner(uint? User, uint? Group)
{
    /// <summary>As the settings say. A name that the host does not know lets nobody in: it is logged, and the socket stays root's.</summary>
    public static SocketOwner Read(string? user, string? group, Action<string> log)
    {
        var owner = new SocketOwner(Find("user", user, Accounts.User), Find("group", group, Accounts.Group));
        // Whoever sets it expects a daemon without root's rights, as strongSwan's would be.
        if (owner.User is > 0) log($"'charon.user = {user}' may use the vici socket; this daemon itself stays root");
        return owner;

        uint? Find(string kind, string? name, Func<string, uint?> find)
        {
            if (name is null) return null;
            if (find(name) is { } number) return number;
            log($"'charon.{kind} = {name}': there is no such {kind} on this host, the vici socket is left to root's");
            return null;
        }
    }

    /// <summary>Gives the socket to its owner; who may not give it to a user may still give it to a group of his own.</summary>
    public void Take(string path, Action<string> log)
    {
        if (User is null && Group is null) return;
        if (!Accounts.Give(path, User, Group) && !Accounts.Give(path, null, Group))
            log($"changing vici socket owner/group failed: '{path}' stays with those who run this daemon");
    }
}
