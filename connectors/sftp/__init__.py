"""Drop folders on another machine, over SFTP."""
