// Whom the daemon runs as: charon.user and charon.group. What only root may do is done first, then charon runs itself once more as that user. docs/operation.md.
using Cygnet.Charon.Control;
using Cygnet.Charon.Logging;
using Cygnet.Ike;
using Cygnet.Linux;

namespace Cygnet.Charon;

/// <summary>The user to become; whose the control socket is.</summary>
sealed record RunAs(Account? Account, uint Group, SocketOwner Socket)
{
    const string PidName = "pid", SocketName = "vici";

    /// <summary>Devices, routes and addresses; raw ESP; the ports of IKE.</summary>
    static readonly int[] _capabilities = [OtherUser.CapNetAdmin, OtherUser.CapNetRaw, OtherUser.CapNetBindService];

    /// <summary>Whether the daemon runs as a user who is not root, now or once it has become him.</summary>
    public bool IsApart => Account is { User: not 0 };

    /// <summary>Whether it is still to become him.</summary>
    public bool IsToChange => IsApart && Account!.User != Accounts.Own;

    /// <summary>As the settings say; null, and a sentence, if that cannot be.</summary>
    public static RunAs? Read(DaemonConf conf, out string problem)
    {
        var (user, group) = (conf.Text("user"), conf.Text("group"));
        if (SocketOwner.Read(user, group, out problem) is not { } socket) return null;
        var account = user is null ? null : Accounts.Find(user);
        if (account is { User: not 0, Group: null } && socket.Group is null) problem = $"'charon.user = {user}' is no user of passwd(5), which would name the group: 'charon.group' has to";
        else if (account is { User: not 0 } && account.User != Accounts.Own && Accounts.Own != 0) problem = $"'charon.user = {user}': only root can become another user, and charon was started by '{Environment.UserName}'";
        return problem.Length > 0 ? null : new(account, socket.Group ?? account?.Group ?? 0, socket);
    }

    /// <summary>The PID file and the socket that were opened as root, if this is the program that was run anew.</summary>
    public static PidFile? Adopted(Inherited? inherited, string path) => inherited?.Take(PidName) is { } fd ? PidFile.Adopt(path, fd) : null;

    public static int? AdoptedSocket(Inherited? inherited) => inherited?.Take(SocketName);

    /// <summary>
    /// Opens what lies in a directory of root's, gives the user what he will write to, and becomes him. Returns, with the reason, only if it fails.
    /// </summary>
    public string Become(Paths paths, DaemonConf conf, PidFile pid, bool takesCommands, Log log)
    {
        MakeStateDirectory(paths.StateDir);
        TakeOver((paths with { StateDir = paths.PidDir }).HostState, paths.HostState);
        foreach (var file in LoggerSetup.Files(conf))
            if (FileKinds.Of(file) == FileKind.Regular) Accounts.Give(file, Account!.User, Group);
        var handedOn = new Dictionary<string, int> { [PidName] = pid.Descriptor };
        using var socket = takesCommands ? ViciServer.Bind(ViciUri(conf, paths), Socket, text => log.Write(LogGroup.Cfg, 1, text)) : null;
        if (socket is not null) handedOn[SocketName] = (int)socket.Handle;
        return OtherUser.Become(Account!, Group, _capabilities, handedOn)
            + (Accounts.Own == 0 ? $"; 'charon.user = {conf.Text("user")}' takes CAP_SETUID, CAP_SETGID, and what the daemon keeps: CAP_NET_ADMIN, CAP_NET_RAW, CAP_NET_BIND_SERVICE" : "");
    }

    void MakeStateDirectory(string path)
    {
        Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        if (FileKinds.Of(path) != FileKind.Directory || !Accounts.Give(path, Account!.User, Group)) throw new StartFailure($"'{path}' cannot be given to user '{Account!.Name}' as a directory of his own");
    }

    /// <summary>What a daemon left that was root, and crashed before the setting was changed, is to be undone by this one. Never the other way: root runs nothing that a user wrote.</summary>
    void TakeOver(string left, string to)
    {
        if (!File.Exists(left) || File.Exists(to)) return;
        File.Move(left, to);
        Accounts.Give(to, Account!.User, Group);
    }

    public static string ViciUri(DaemonConf conf, Paths paths) => conf.Text("plugins.vici.socket") ?? $"unix://{paths.ViciSocket}";
}
