// Whose the control socket is: charon.user and charon.group of strongswan.conf. docs/vici.md.
using Cygnet.Linux;

namespace Cygnet.Charon.Control;

/// <summary>User and group as numbers; null leaves those of this process.</summary>
readonly record struct SocketOwner(uint? User, uint? Group)
{
    /// <summary>As the settings say; null, and a sentence, if the host does not know who is named.</summary>
    public static SocketOwner? Read(string? user, string? group, out string problem)
    {
        problem = "";
        foreach (var (kind, name, find) in ((string, string?, Func<string, uint?>)[])[("user", user, Accounts.User), ("group", group, Accounts.Group)])
            if (name is not null && find(name) is null) problem = $"'charon.{kind} = {name}': there is no such {kind} on this host";
        return problem.Length > 0 ? null : new(user is null ? null : Accounts.User(user), group is null ? null : Accounts.Group(group));
    }

    /// <summary>Gives the socket to its owner; who may not give it to a user may still give it to a group of his own.</summary>
    public void Take(string path, Action<string> log)
    {
        if (User is null && Group is null) return;
        if (!Accounts.Give(path, User, Group) && !Accounts.Give(path, null, Group))
            log($"changing vici socket owner/group failed: '{path}' stays with those who run this daemon");
    }
}
