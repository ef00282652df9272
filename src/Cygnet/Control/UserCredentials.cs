// x-user-creds: the name and the password of whoever uses a connection that authenticates by EAP or XAuth, kept in memory alone. ipsec(8).
using System.Collections.Immutable;
using Cygnet.Auth;
using Cygnet.Policy;

namespace Cygnet.Control;

static class UserCredentials
{
    /// <summary>
    /// The first round of ours that is EAP or XAuth gets the name. Without a password only that is done; nothing is changed where it does not fit. A
    /// secret of an earlier call for the same connection is replaced.
    /// </summary>
    public static Change Set(LoadedState state, ViciPacket packet)
    {
        var request = packet.Message;
        if (request.Utf8("name") is not { } name) return Change.Refused(state, "connection name missing");
        if (state.Connections.Named(name).FirstOrDefault() is not { } connection) return Change.Refused(state, $"no config named '{name}'");
        var username = request.Utf8("username") ?? "";
        var id = username.Length == 0 ? Identity.Any : Identity.Parse(username);
        if (id.Kind == IdentityKind.Any) return Change.Refused(state, $"invalid username '{username}'");

        var round = connection.Local.FindIndex(r => r.Class is AuthClass.Eap or AuthClass.XAuth);
        if (round < 0) return Change.Refused(state, $"config '{name}' unsuitable for user credentials");
        var own = connection.Local[round];
        var rounds = connection.Local.SetItem(round, own.Class == AuthClass.Eap ? own with { EapId = id } : own with { XAuthId = username });
        var next = state with { Connections = state.Connections.Put(connection with { Local = rounds }, state.Connections.DigestOf(connection.Name)!) };
        if (request.Bytes("password") is not { Length: > 0 } password) return Change.Done(next);

        // Whom the password is for: the authentication server if it is named, else the gateway.
        var server = own.AaaId is { Kind: not IdentityKind.Any } named ? named : connection.Remote.Select(r => r.Id).FirstOrDefault(i => i is { Kind: not IdentityKind.Any });
        ImmutableArray<Identity> owners = server is null ? [id] : [id, server];
        return Change.Done(next.With(b => b.Add(new SharedSecret(SecretClass.Eap, password, owners, $"x-user-creds:{connection.Name}"))));
    }
}
